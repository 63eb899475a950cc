import { ClauseTree } from './clause-tree.js'
import { StateMark } from './state-mark.js'
import { stepsOf, type Why } from './steps.js'
import './explanation.css'

/** What was looked at, one step after the other, each with its conditions. */
export function StepsList({ why }: { why: Why }) {
  return (
    <ul class="steps">
      {stepsOf(why).map((step) => (
        <li key={step.id}>
          <div class="step-line">
            <StateMark state={step.state} />
            <span>{step.text}</span>
            {step.note !== undefined && <span class="step-note">{step.note}</span>}
          </div>
          {step.clause && <ClauseTree clause={step.clause} />}
        </li>
      ))}
    </ul>
  )
}
