/**
 * Orders to begin runs, signed by the collector and checked by the launcher of a node: keys, what
 * is signed, and the judgement. Ed25519 of the JDK.
 *
 * <p>It starts no thread and logs nothing; what it hands out may be used by any thread. It imports
 * the JDK, the words and the JSON of jobs, and what {@code tls} knows of files of keys. A start
 * that is not to be begun is a value with a sentence; a file that is no key is a {@code
 * TlsException}.
 */
@NullMarked
package io.millwright.protocol.orders;

import org.jspecify.annotations.NullMarked;
