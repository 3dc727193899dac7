package io.millwright.protocol.frames;

/** Who sends a frame. */
public enum Side {
  AGENT,
  COLLECTOR
}
