export {
  EXPRESSION_ERROR_CODES,
  EXPRESSION_WARNING_CODES,
  type ExpressionIssue,
  type ExpressionIssueCode,
} from './issue.js'
export { type ExpressionOptions, type LoweredExpression, lowerExpression } from './lower-expression.js'
