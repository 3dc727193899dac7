package io.millwright.collector.page;

import io.millwright.protocol.exposition.PageBuffer;

/**
 * A page that is made while it is sent, so that it is never whole in memory. One owner thread at a
 * time.
 */
public interface Pieces extends AutoCloseable {
  /**
   * Appends the next piece, some 64 KiB.
   *
   * @return whether more is to come
   */
  boolean next(PageBuffer piece);

  /** It is not read to its end; also after that. */
  @Override
  void close();
}
