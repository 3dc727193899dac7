/**
 * What a package needs beside compiled classes: jars without the natives of other machines, manuals
 * and completions from the commands themselves, and the caches of a trained JVM. Run by {@code
 * systemd/package/build.sh} while packages are built; never part of one.
 *
 * <p><i>Threading:</i> each is a program of one thread. <i>Imports:</i> the products, to ask their
 * commands; nobody imports this. <i>Failure:</i> a {@link
 * io.millwright.packages.PackagingException}, and no package.
 */
@NullMarked
package io.millwright.packages;

import org.jspecify.annotations.NullMarked;
