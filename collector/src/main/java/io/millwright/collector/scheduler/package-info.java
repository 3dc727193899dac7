/**
 * A command of the site that tells its scheduler, such as Slurm, which nodes incidents take out of
 * work and which come back.
 *
 * <p>The thread {@code scheduler} owns all of it and runs one program at a time; it reads what the
 * single writer published, and has the audit log written by it. It never imports REST or Netty.
 * Absent is what no incident wants.
 */
@NullMarked
package io.millwright.collector.scheduler;

import org.jspecify.annotations.NullMarked;
