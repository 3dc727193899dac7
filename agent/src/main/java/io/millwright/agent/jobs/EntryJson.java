package io.millwright.agent.jobs;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.FailureDomain;
import io.millwright.protocol.vocabulary.job.Group;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobChecks;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Entries as JSON, with the job words of journal, REST and command line: {@code
 * {"entry":"moved","state":"running",…}}. An unknown field or entry is an error.
 */
final class EntryJson {
  private static final JsonMapper MAPPER = mapper();

  private EntryJson() {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "entry")
  private interface Typed {}

  /** An older agent reads what has no group and no channel. */
  interface Grouped {
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    Optional<Group> group();

    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    Optional<ImexChannel> channel();
  }

  /** An older agent reads what was found without a channel. */
  private interface WithoutAbsentChannel {
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    @SuppressWarnings("UnusedMethod") // read by reflection
    Optional<ImexChannel> channel();
  }

  /** It reads a request without a channel too, and the fingerprint of one stays as it was. */
  private interface WithoutImex {
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    @SuppressWarnings("UnusedMethod") // read by reflection
    boolean imex();
  }

  /**
   * A spec without checks reads as it did before there were any: its fingerprint is kept. Of spread
   * a node is never told.
   */
  private interface WithoutAbsentChecks {
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    @SuppressWarnings("UnusedMethod") // read by reflection
    Optional<JobChecks> checks();

    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    @SuppressWarnings("UnusedMethod")
    Optional<FailureDomain> spread();
  }

  static byte[] bytes(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("writing an entry of the journal", e);
    }
  }

  static Entry entry(byte[] json) throws IOException {
    return read(json, Entry.class);
  }

  static <T> T read(byte[] json, Class<T> type) throws IOException {
    return MAPPER.readValue(json, type);
  }

  /** Of what makes two assignments of one run the same. */
  static String fingerprint(Assignment assignment) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes(assignment.spec()));
      digest.update(bytes(assignment.devices()));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static JsonMapper mapper() {
    JsonMapper mapper =
        JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(words())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .addMixIn(Entry.class, Typed.class)
            .addMixIn(Entry.Found.class, WithoutAbsentChannel.class)
            .addMixIn(Assignment.class, Grouped.class)
            .addMixIn(JobSpec.class, WithoutAbsentChecks.class)
            .addMixIn(DeviceRequest.class, WithoutImex.class)
            .build();
    mapper.registerSubtypes(
        Stream.of(Entry.class.getPermittedSubclasses())
            .map(type -> new NamedType(type, type.getSimpleName().toLowerCase(Locale.ROOT)))
            .toArray(NamedType[]::new));
    return mapper;
  }

  private static SimpleModule words() {
    SimpleModule module = new SimpleModule("words");
    word(module, JobState.class, JobState::word, JobState::ofWord);
    word(module, Outcome.class, Outcome::text, Outcome::ofText);
    module.addDeserializer(boolean.class, new Flag());
    return module;
  }

  private static <T> void word(
      SimpleModule module,
      Class<T> type,
      Function<T, String> text,
      Function<String, Optional<T>> value) {
    module.addSerializer(type, new Writing<>(text));
    module.addDeserializer(type, new Reading<>(type, value));
  }

  /** One that is not there is not set: an older agent wrote fewer. */
  private static final class Flag extends JsonDeserializer<Boolean> {
    @Override
    public Boolean deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return in.getBooleanValue();
    }

    @Override
    public Boolean getAbsentValue(DeserializationContext context) {
      return false;
    }

    @Override
    public Boolean getNullValue(DeserializationContext context) throws JsonMappingException {
      throw JsonMappingException.from(context, "null is no flag");
    }
  }

  private static final class Writing<T> extends JsonSerializer<T> {
    private final Function<T, String> text;

    Writing(Function<T, String> text) {
      this.text = text;
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializerProvider all) throws IOException {
      out.writeString(text.apply(value));
    }
  }

  private static final class Reading<T> extends JsonDeserializer<T> {
    private final Class<T> type;
    private final Function<String, Optional<T>> value;

    Reading(Class<T> type, Function<String, Optional<T>> value) {
      this.type = type;
      this.value = value;
    }

    @Override
    public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
      String word = in.getText();
      return value
          .apply(word)
          .orElseThrow(() -> new IOException("'" + word + "' is no " + type.getSimpleName()));
    }
  }
}
