import addonA11y from '@storybook/addon-a11y'
import addonDocs from '@storybook/addon-docs'
import { definePreview } from '@storybook/react-vite'

import '../src/styles.css'
import './preview.css'
import { StoryFrame, whenListening } from './listening.tsx'
import { jsx } from './shown-code.ts'

export default definePreview({
  addons: [addonDocs(), addonA11y()],
  tags: ['autodocs'],
  // As the renderer's own, but play functions begin when the story listens.
  mount: (context) => async (ui) => {
    if (ui !== undefined) context.originalStoryFn = () => ui
    await context.renderToCanvas()
    await whenListening(context.canvasElement)
    return context.canvas
  },
  parameters: {
    layout: 'padded',
    a11y: { test: 'error' },
    controls: { expanded: true },
    jsx,
    backgrounds: { disable: true }, // the page's own, which follows the theme
    options: {
      storySort: { order: ['S3Uploader', 'Dropzone', 'PasteTarget', 'UploadSummary', 'UploadList'] },
    },
  },
  initialGlobals: { theme: 'light', direction: 'ltr' },
  globalTypes: {
    theme: {
      description: 'Color scheme of the page',
      toolbar: {
        title: 'Theme',
        icon: 'contrast',
        items: [
          { value: 'light', title: 'Light' },
          { value: 'dark', title: 'Dark' },
        ],
        dynamicTitle: true,
      },
    },
    direction: {
      description: 'Direction of the page',
      toolbar: {
        title: 'Direction',
        icon: 'transfer',
        items: [
          { value: 'ltr', title: 'Left to right' },
          { value: 'rtl', title: 'Right to left' },
        ],
        dynamicTitle: true,
      },
    },
  },
  decorators: [
    (Story, { globals, viewMode }) => {
      const { theme, direction } = globals
      const scheme = theme === 'dark' ? 'dark' : 'light'
      // The whole page, as an app would. In docs the stories share it, so there each has a frame of its own.
      if (viewMode === 'story') document.documentElement.style.colorScheme = scheme
      return (
        <StoryFrame dir={direction === 'rtl' ? 'rtl' : 'ltr'} style={{ colorScheme: scheme }}>
          <Story />
        </StoryFrame>
      )
    },
  ],
})
