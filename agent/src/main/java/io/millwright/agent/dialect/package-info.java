/**
 * The pages of other exporters: the snapshot in their names, units and spelling, so that their
 * dashboards and alerts go on working. What a page has is data ({@code dcgm-fields.tsv}); the code
 * knows how a number is reckoned and written, and no field.
 *
 * <p>No threads, clocks, sockets or log; a writer belongs to the thread that renders. Nothing of
 * the page's room is imported. What is not measured is absent. Inside this room NaN is arithmetic's
 * word for "nothing to show", and it is written nowhere.
 */
@NullMarked
package io.millwright.agent.dialect;

import org.jspecify.annotations.NullMarked;
