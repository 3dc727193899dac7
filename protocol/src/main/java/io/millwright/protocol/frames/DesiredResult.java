package io.millwright.protocol.frames;

/** What a DESIRED completes; see {@link DesiredAssembly}. */
public sealed interface DesiredResult {

  /** The whole body is there, and its digest is right. */
  record Whole(boolean urgent, DesiredHead head, Payload body) implements DesiredResult {}

  /** Further parts are to come. */
  record Waiting(int parts) implements DesiredResult {}

  /** The parts do not make a body; answer {@link AppliedAnswer#NOT_READABLE}. */
  record Unreadable(DesiredHead head, String reason) implements DesiredResult {}
}
