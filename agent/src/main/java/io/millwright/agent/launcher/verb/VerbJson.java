package io.millwright.agent.launcher.verb;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;

/** {@code {"verb":"kill","run":{"job":"train","run":1}}}; an unknown field or verb is an error. */
public final class VerbJson {
  private static final JsonMapper MAPPER = mapper();
  private static final int LONGEST_SENTENCE = 400;

  private VerbJson() {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "verb")
  private interface VerbTyped {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "answer")
  private interface AnswerTyped {}

  public static byte[] bytes(Verb verb) {
    return json(verb);
  }

  public static byte[] bytes(Answer answer) {
    return json(answer);
  }

  private static byte[] json(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("writing " + value.getClass().getSimpleName(), e);
    }
  }

  /** The verb that these bytes are. */
  public static Verb verb(byte[] json) throws Verb.Unreadable {
    return read(json, Verb.class);
  }

  /** The answer that these bytes are. */
  public static Answer answer(byte[] json) throws Verb.Unreadable {
    return read(json, Answer.class);
  }

  private static <T> T read(byte[] json, Class<T> type) throws Verb.Unreadable {
    try {
      T value = MAPPER.readValue(json, type);
      if (value == null) {
        throw new Verb.Unreadable("the request is null; send a verb");
      }
      return value;
    } catch (ValueInstantiationException refused) {
      Throwable cause = refused.getCause();
      throw new Verb.Unreadable(printable(cause == null ? refused : cause));
    } catch (JsonProcessingException mistake) {
      throw new Verb.Unreadable(printable(mistake.getOriginalMessage()) + at(mistake));
    } catch (IOException | RuntimeException mistake) {
      throw new Verb.Unreadable(printable(mistake));
    }
  }

  private static String at(JsonProcessingException mistake) {
    return mistake.getLocation() == null
        ? ""
        : " at byte " + Math.max(0, mistake.getLocation().getByteOffset());
  }

  private static String printable(Throwable mistake) {
    return mistake instanceof NullPointerException
        ? "a field is missing or null"
        : printable(String.valueOf(mistake.getMessage()));
  }

  private static String printable(String text) {
    String line = text.lines().findFirst().orElse("no request").replaceAll("\\p{Cc}", "?");
    return line.substring(0, Math.min(line.length(), LONGEST_SENTENCE));
  }

  private static JsonMapper mapper() {
    JsonMapper mapper =
        JsonMapper.builder()
            .addModule(new Jdk8Module())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .addMixIn(Verb.class, VerbTyped.class)
            .addMixIn(Answer.class, AnswerTyped.class)
            .build();
    mapper.registerSubtypes(
        new NamedType(Verb.Start.class, "start"),
        new NamedType(Verb.StartSigned.class, "start-signed"),
        new NamedType(Verb.HookBefore.class, "hook-before"),
        new NamedType(Verb.HookAfter.class, "hook-after"),
        new NamedType(Verb.StartInstances.class, "start-instances"),
        new NamedType(Verb.Stop.class, "stop"),
        new NamedType(Verb.Kill.class, "kill"),
        new NamedType(Verb.Note.class, "record"),
        new NamedType(Verb.Settle.class, "settle"),
        new NamedType(Verb.Forget.class, "forget"),
        new NamedType(Verb.Renew.class, "renew"),
        new NamedType(Verb.Power.class, "power"),
        new NamedType(Verb.ReadNvme.class, "read-nvme"),
        new NamedType(Verb.ReadRapl.class, "read-rapl"),
        new NamedType(Verb.ReadDcmi.class, "read-dcmi"),
        new NamedType(Verb.ReadHolders.class, "read-holders"),
        new NamedType(Verb.ReadStuck.class, "read-stuck"),
        new NamedType(Answer.Disks.class, "disks"),
        new NamedType(Answer.Energy.class, "energy"),
        new NamedType(Answer.NodePower.class, "node-power"),
        new NamedType(Answer.Holdings.class, "holdings"),
        new NamedType(Answer.Stuck.class, "stuck"),
        new NamedType(Answer.Capped.class, "capped"),
        new NamedType(Answer.Done.class, "done"),
        new NamedType(Answer.Refused.class, "refused"),
        new NamedType(Answer.Later.class, "later"),
        new NamedType(Answer.Failed.class, "failed"));
    return mapper;
  }
}
