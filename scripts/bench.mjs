console.log('bench: nothing to run yet.')
