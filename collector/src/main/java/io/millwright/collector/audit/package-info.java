/**
 * Who changed what, when, and from what to what: an append-only log in the store whose entries are
 * chained by their hashes.
 *
 * <p>An entry is written in the transaction of the change that it tells of, so that neither is
 * there without the other. Owned by the single writer. Nodes keep where the log ended, and so find
 * out whether it was cut or written anew. It imports the store and the JSON of the bodies, and no
 * other room.
 */
@NullMarked
package io.millwright.collector.audit;

import org.jspecify.annotations.NullMarked;
