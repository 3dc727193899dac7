package io.millwright.protocol.bodies;

/** What somebody sent is not what it should be; the message is one sentence for that person. */
public final class JsonMistake extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public JsonMistake(String sentence) {
    super(sentence);
  }

  public JsonMistake(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  /** {@code FIELD: GIVEN is refused; allowed is ALLOWED}, printable and short. */
  public static JsonMistake refused(String field, String given, String allowed) {
    return new JsonMistake(
        "%s: %s is refused; allowed is %s".formatted(Shown.text(field), given, allowed));
  }
}
