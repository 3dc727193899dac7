/**
 * Windows of maintenance as silences of an Alertmanager, where the site names one.
 *
 * <p>A thread of its own, {@code silences}, compares what should be silenced with what is, by the
 * ids of the store and the window in the silence's comment, and makes up the difference; so
 * whatever was missed or done twice is put right at the next look. It keeps nothing. No connection
 * goes elsewhere than to the URL that the site named.
 */
@NullMarked
package io.millwright.collector.silences;

import org.jspecify.annotations.NullMarked;
