/** The CustomEvents between the worlds of a page. */
export const TO_ISOLATED = 'electron-double:to-isolated-world';
export const TO_MAIN = 'electron-double:to-main-world';
