/** Name and version as they travel with each batch. */
export const SDK = 'esper-node/0.1.0'
