console.log('size: nothing to run yet.')
