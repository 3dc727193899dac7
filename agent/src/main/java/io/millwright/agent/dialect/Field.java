package io.millwright.agent.dialect;

/**
 * One family of a page.
 *
 * @param kind the word behind {@code # TYPE}
 * @param factor what our value is multiplied by
 */
record Field(
    String name, String kind, String help, Source source, double factor, NumberForm form) {}
