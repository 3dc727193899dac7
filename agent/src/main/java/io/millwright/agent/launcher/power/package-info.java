/**
 * The program that sets power limits for the launcher: root, begun for one order, gone with it.
 *
 * <p>It has one thread, which may hang in the driver for ever; nobody waits for it longer than the
 * launcher does. It reads the order that the launcher wrote, and writes a record of what it did. It
 * imports the launcher's two files and the actuator, and nothing that samples.
 */
@NullMarked
package io.millwright.agent.launcher.power;

import org.jspecify.annotations.NullMarked;
