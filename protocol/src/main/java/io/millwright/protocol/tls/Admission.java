package io.millwright.protocol.tls;

/** Whether a peer may come in. */
public sealed interface Admission {
  /** It may, and this is who it is. */
  record Admitted(PeerIdentity peer) implements Admission {}

  /** It may not. */
  record Refused(Refusal refusal) implements Admission {}
}
