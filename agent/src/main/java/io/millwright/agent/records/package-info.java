/**
 * Records in files, as journals are made of: each with its number and a checksum, so that a torn
 * end is told from damage; small files that are replaced as a whole; and the disk that they are
 * written to.
 *
 * <p>Imports no other room. What the records mean is for the room that writes them.
 */
@NullMarked
package io.millwright.agent.records;

import org.jspecify.annotations.NullMarked;
