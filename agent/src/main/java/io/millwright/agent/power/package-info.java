/**
 * Power limits that the collector asks for: handed to the launcher, kept on the disk, and set again
 * when the driver has forgotten them.
 *
 * <p>Owns the thread {@code power}, which waits for the launcher. It sets nothing itself and reads
 * no hardware; what limits stand it knows from the last snapshot. Imports the launcher's door and
 * its verbs, and no other room. A wish that is not kept is absent from the file.
 */
@NullMarked
package io.millwright.agent.power;

import org.jspecify.annotations.NullMarked;
