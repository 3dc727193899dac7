/**
 * The rules of health as data: {@code rules.tsv} and {@code xid.tsv}, read into values that agent
 * and collector share.
 *
 * <p>Immutable once loaded. What a rule says is judged in the agent; this room knows no readings.
 * It imports vocabulary only.
 */
@NullMarked
package io.millwright.protocol.health;

import org.jspecify.annotations.NullMarked;
