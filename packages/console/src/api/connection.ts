import { signal } from '@preact/signals'

/** Whether the last call reached the server. Calls set it; the banner shows it. */
export const reachable = signal(true)

/** Whether the server still knows us; a 401 on any call sets it to `expired`. */
export const sessionState = signal<'unknown' | 'signed_in' | 'signed_out' | 'expired'>('unknown')

/** Whether the page is on screen: nothing polls while it is not. */
export const pageVisible = signal(document.visibilityState !== 'hidden')

export function watchConnection(onBack: () => void): () => void {
  const onVisibility = () => {
    pageVisible.value = document.visibilityState !== 'hidden'
    if (pageVisible.value) onBack()
  }
  const onOffline = () => {
    reachable.value = false
  }
  document.addEventListener('visibilitychange', onVisibility)
  window.addEventListener('online', onBack)
  window.addEventListener('offline', onOffline)
  return () => {
    document.removeEventListener('visibilitychange', onVisibility)
    window.removeEventListener('online', onBack)
    window.removeEventListener('offline', onOffline)
  }
}
