export {
  EXPRESSION_ERROR_CODES,
  EXPRESSION_WARNING_CODES,
} from './issue.js'
export { FUNCTION_ENTRIES } from './language.js'
export { type ExpressionOptions, lowerExpression } from './lower-expression.js'
