/**
 * The incidents of this collector: kept in its store, published to whoever asks, and told to the
 * outside by a webhook.
 *
 * <p>{@link io.millwright.collector.paging.IncidentDesk} is owned by the thread {@code control} and
 * never waits: neither for the store nor for whoever is told. {@link
 * io.millwright.collector.paging.Webhook} has a thread of its own. The only address that is ever
 * opened is the one that the site has configured. It imports no edge and no job.
 */
@NullMarked
package io.millwright.collector.paging;

import org.jspecify.annotations.NullMarked;
