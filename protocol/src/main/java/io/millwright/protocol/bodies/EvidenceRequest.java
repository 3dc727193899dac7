package io.millwright.protocol.bodies;

import java.util.List;

/**
 * An operator's wish for evidence of a node; the body of {@code POST /v1/nodes/{node}/evidence} and
 * {@code POST /v1/nodes/{node}/doctor}.
 *
 * @param reason one sentence
 * @param incident that it belongs to; empty for none
 * @param test of the site that is to be run; empty for none
 * @param inService consents to a test on a node that may have work; the node itself still refuses a
 *     disruptive one beside a job
 */
public record EvidenceRequest(String reason, String incident, String test, boolean inService) {
  private static final List<String> FIELDS = List.of("reason", "incident", "test", "in_service");
  private static final int LONGEST_REASON = 256;
  private static final String REASON = "a sentence of at most 256 characters of ASCII";
  private static final String INCIDENT =
      "the id of an incident, of at most 64 letters, digits, dots, dashes and underscores";
  private static final String TEST =
      "the name of a test of the node's configuration, of at most 32 small letters, digits and"
          + " dashes";

  public EvidenceRequest {
    if (reason.length() > LONGEST_REASON || !reason.matches("[\\x20-\\x7e]*")) {
      throw JsonMistake.refused("reason", Shown.quoted(reason), REASON);
    }
    if (!incident.matches("[A-Za-z0-9._-]{0,64}")) {
      throw JsonMistake.refused("incident", Shown.quoted(incident), INCIDENT);
    }
    if (!test.matches("|[a-z0-9][a-z0-9-]{0,31}")) {
      throw JsonMistake.refused("test", Shown.quoted(test), TEST);
    }
  }

  /**
   * @param text may be empty, for nothing in particular
   * @throws JsonMistake for what is no such wish
   */
  public static EvidenceRequest of(byte[] text) {
    if (text.length == 0) {
      return new EvidenceRequest("", "", "", false);
    }
    Fields fields = Fields.of("", Json.read("the request", text), FIELDS);
    return new EvidenceRequest(
        fields.optionalText("reason").orElse(""),
        fields.optionalText("incident").orElse(""),
        fields.optionalText("test").orElse(""),
        fields.has("in_service") && fields.flag("in_service"));
  }
}
