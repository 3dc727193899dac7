/**
 * Who may run jobs as whom: the site's mapping of principals to unix users and projects.
 *
 * <p>A principal is the name of a token. The thread {@code control} reads the file again; what is
 * in force is immutable and may be asked from any thread. Imports nothing of the collector but its
 * strict YAML. What is not named is not allowed.
 */
@NullMarked
package io.millwright.collector.grants;

import org.jspecify.annotations.NullMarked;
