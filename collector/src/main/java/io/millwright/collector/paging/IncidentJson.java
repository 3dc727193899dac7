package io.millwright.collector.paging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.millwright.collector.store.Op;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Incidents as the store has them. A field that a newer version has written is not looked at. */
final class IncidentJson {
  private static final Logger LOG = LoggerFactory.getLogger(IncidentJson.class);
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private IncidentJson() {}

  static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("writing " + value.getClass().getSimpleName(), e);
    }
  }

  /** Empty for what the store cannot hold: one bad value holds nothing else up. */
  static Optional<Op> put(String key, Object value) {
    try {
      return Optional.of(new Op.Put(key, text(value)));
    } catch (IllegalArgumentException | IllegalStateException e) {
      LOG.error("what is known of an incident cannot be kept key={}", key, e);
      return Optional.empty();
    }
  }

  /** Empty for what is none: one bad value keeps no collector from starting. */
  static <T> Optional<T> read(String key, String text, Class<T> type) {
    try {
      return Optional.ofNullable(MAPPER.readValue(text, type));
    } catch (JsonProcessingException | RuntimeException e) {
      LOG.error("what is stored of an incident cannot be read and is left out key={}", key, e);
      return Optional.empty();
    }
  }
}
