/**
 * The JSON of jobs, one shape for REST, the store and the bodies of DESIRED, APPLIED and STATUS:
 * fields in snake_case, an unknown field is an error, what is absent is left out.
 *
 * <p>Pure, and the only room of this module that knows a library of JSON. What somebody sent is
 * refused with one sentence that names the field, what was given and what is allowed.
 */
@NullMarked
package io.millwright.protocol.bodies;

import org.jspecify.annotations.NullMarked;
