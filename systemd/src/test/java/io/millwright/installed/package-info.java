/**
 * The units, users and directories of an installed node, under a real systemd.
 *
 * <p>{@link io.millwright.installed.Testbed} is a Debian that systemd boots in; where this machine
 * cannot have one, its tests are skipped and say why.
 */
@NullMarked
package io.millwright.installed;

import org.jspecify.annotations.NullMarked;
