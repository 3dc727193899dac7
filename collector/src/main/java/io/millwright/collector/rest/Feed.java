package io.millwright.collector.rest;

import io.netty.channel.ChannelHandlerContext;

/** The body of an answer that goes on for as long as somebody reads it. */
interface Feed {
  /** The head of the answer was written. On the thread {@code rest}. */
  void begin(ChannelHandlerContext ctx);

  /** It was never begun. */
  void refused();
}
