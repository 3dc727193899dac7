/**
 * The corpus of judgement: traces that say what an expert would say of them, the replay of each
 * through the real engine in virtual time, and the figures of all. One thread; nothing here touches
 * a device, a file of the kernel or the machine's clock.
 */
@NullMarked
package io.millwright.simulator.judgement;

import org.jspecify.annotations.NullMarked;
