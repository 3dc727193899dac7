package io.millwright.protocol.tls;

/**
 * A node on its way into a site: it makes its key pair, which never leaves it, asks, and looks hard
 * at what it is given.
 *
 * <pre>{@code
 * Joining joining = new Joining(token);
 * // over new JoinTls(token, clock): send joining.request(), read the answer
 * switch (joining.accept(answer)) {
 *   case Joining.Joined(Credentials credentials) -> credentials.create(directory);
 *   case Joining.Refused(JoinAnswer.Refused refusal) -> say(refusal.sentence());
 * }
 * }</pre>
 *
 * <p><i>Threading:</i> any thread; immutable.
 */
public final class Joining {
  private final JoinToken token;
  private final NewKey key;

  public Joining(JoinToken token) {
    this.token = token;
    this.key = new NewKey(token.node(), token.authority(), "ask for a new token");
  }

  /** How it ended. */
  public sealed interface Result {}

  /** The node is in. */
  public record Joined(Credentials credentials) implements Result {}

  /** It is not. */
  public record Refused(JoinAnswer.Refused refusal) implements Result {}

  /** The body to send. */
  public byte[] request() {
    return JoinRequest.of(token.secret(), key.request()).bytes();
  }

  /** Takes the body of the answer. */
  public Result accept(byte[] answer) {
    return key.accept(answer);
  }
}
