export { type ParameterWarning, type WarningCategory, warnings } from '../warnings.ts';
