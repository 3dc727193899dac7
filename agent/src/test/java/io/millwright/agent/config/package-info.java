/** What a site may set, and every mistake in it. */
@NullMarked
package io.millwright.agent.config;

import org.jspecify.annotations.NullMarked;
