export {
  EXPRESSION_ERROR_CODES,
  EXPRESSION_WARNING_CODES,
} from './issue.js'
export { type ExpressionOptions, lowerExpression } from './lower-expression.js'
