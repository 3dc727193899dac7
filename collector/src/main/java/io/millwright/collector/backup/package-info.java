/**
 * Copies of the collector's files, and the way back from them.
 *
 * <p>Works on files alone, in the thread of a command; no collector need run, and one may. It knows
 * of the other rooms only what a restored store is to say of itself. What is absent from a backup,
 * as the events of a collector that had none yet, is not in its list of files.
 */
@NullMarked
package io.millwright.collector.backup;

import org.jspecify.annotations.NullMarked;
