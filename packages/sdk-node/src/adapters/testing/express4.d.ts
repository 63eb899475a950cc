/** There are no types for an alias; what is used of both majors is the same. */
declare module 'express4' {
  import express from 'express'
  export default express
}
