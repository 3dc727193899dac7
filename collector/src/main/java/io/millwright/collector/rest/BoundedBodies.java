package io.millwright.collector.rest;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;

/**
 * Joins the parts of a request; one that is too long is answered, and the rest of it thrown away.
 */
final class BoundedBodies extends HttpObjectAggregator {
  private final int longest;

  BoundedBodies(int longest) {
    super(longest);
    this.longest = longest;
  }

  @Override
  protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage oversized) {
    var _ =
        ctx.writeAndFlush(
            RestConversation.response(
                Answer.problem(
                    413,
                    "the body: more than %d bytes are refused; a job is smaller, and what it needs besides belongs in a file that it reads."
                        .formatted(longest)),
                false));
  }
}
