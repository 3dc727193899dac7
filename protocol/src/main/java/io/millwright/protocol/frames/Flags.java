package io.millwright.protocol.frames;

/** The bits of a frame's second byte: how it is to be treated on its way. Others are ignored. */
final class Flags {
  /** From the spool: for history, never for the present. SCHEMA, KEY, DELTA. */
  static final int BACKFILL = 1;

  /** Before everything that waits. DESIRED. */
  static final int URGENT = 2;

  private Flags() {}

  static int of(Frame frame) {
    return switch (frame) {
      case Frame.Schema schema -> schema.backfill() ? BACKFILL : 0;
      case Frame.Key key -> key.backfill() ? BACKFILL : 0;
      case Frame.Delta delta -> delta.backfill() ? BACKFILL : 0;
      case Frame.Desired desired -> desired.urgent() ? URGENT : 0;
      case Frame.Hello _,
          Frame.Welcome _,
          Frame.Event _,
          Frame.Ack _,
          Frame.Ping _,
          Frame.Pong _,
          Frame.GoAway _,
          Frame.Applied _,
          Frame.Status _,
          Frame.StatusAck _,
          Frame.Lease _,
          Frame.ReadOutput _,
          Frame.Output _,
          Frame.Health _,
          Frame.CapPower _,
          Frame.PowerCapped _,
          Frame.Capture _,
          Frame.Captured _,
          Frame.ReadBundle _,
          Frame.Bundle _,
          Frame.Inventory _,
          Frame.AuditHead _,
          Frame.AuditHeads _,
          Frame.Renew _,
          Frame.Renewed _ ->
          0;
    };
  }
}
