package io.millwright.collector.rest;

import io.millwright.collector.page.Pieces;
import io.millwright.protocol.exposition.PageBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a page as it is made, as fast as it is read and no faster, and lets other requests have
 * their turn in between.
 *
 * <p><i>Threading:</i> the thread {@code rest}. <i>Failure:</i> a page that cannot be made to its
 * end ends the connection, so that nobody takes it for whole.
 */
final class PiecesFeed {
  private static final Logger LOG = LoggerFactory.getLogger(PiecesFeed.class);
  private static final int MOST_A_TURN = 16;

  private final Pieces pieces;
  private final PageBuffer buffer;
  private final Runnable ended;
  private boolean turning;
  private boolean over;

  /**
   * @param buffer for one piece after the other; nobody else's while one is made
   * @param ended told once, when all was made or the connection has ended
   */
  PiecesFeed(Pieces pieces, PageBuffer buffer, Runnable ended) {
    this.pieces = pieces;
    this.buffer = buffer;
    this.ended = ended;
  }

  /** There is room to write. */
  void go(ChannelHandlerContext ctx) {
    if (over || turning) {
      return;
    }
    turning = true;
    boolean more = true;
    try {
      for (int i = 0; more && i < MOST_A_TURN && ctx.channel().isWritable(); i++) {
        more = piece(ctx);
      }
    } catch (RuntimeException e) {
      LOG.error("a page could not be made to its end", e);
      end();
      var _ = ctx.close();
      return;
    } finally {
      turning = false;
    }
    if (!more) {
      ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
          .addListener(written -> ctx.channel().config().setAutoRead(true));
      end();
    } else if (ctx.channel().isWritable()) {
      ctx.executor().execute(() -> go(ctx));
    }
  }

  private boolean piece(ChannelHandlerContext ctx) {
    buffer.clear();
    boolean more = pieces.next(buffer);
    if (buffer.length() > 0) {
      ByteBuf bytes = ctx.alloc().directBuffer(buffer.length());
      bytes.writeBytes(buffer.written());
      var _ = ctx.writeAndFlush(new DefaultHttpContent(bytes));
    }
    return more;
  }

  /** Nothing more is written. */
  void end() {
    if (!over) {
      over = true;
      pieces.close();
      ended.run();
    }
  }
}
