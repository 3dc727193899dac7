package io.millwright.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.protocol.views.AcceleratorView;
import io.millwright.protocol.views.AcceptanceView;
import io.millwright.protocol.views.ActView;
import io.millwright.protocol.views.AggregateView;
import io.millwright.protocol.views.AuditHeadView;
import io.millwright.protocol.views.AuditView;
import io.millwright.protocol.views.BundleView;
import io.millwright.protocol.views.DoctorView;
import io.millwright.protocol.views.DriftView;
import io.millwright.protocol.views.DutyView;
import io.millwright.protocol.views.EventView;
import io.millwright.protocol.views.EvidenceView;
import io.millwright.protocol.views.FleetVersionsView;
import io.millwright.protocol.views.FleetView;
import io.millwright.protocol.views.HistoryView;
import io.millwright.protocol.views.IncidentView;
import io.millwright.protocol.views.JobView;
import io.millwright.protocol.views.NodeView;
import io.millwright.protocol.views.OverrideView;
import io.millwright.protocol.views.PlacementView;
import io.millwright.protocol.views.PolicyView;
import io.millwright.protocol.views.PowerView;
import io.millwright.protocol.views.Problem;
import io.millwright.protocol.views.RacksView;
import io.millwright.protocol.views.RecoveryView;
import io.millwright.protocol.views.ReturnView;
import io.millwright.protocol.views.UnclaimedView;
import io.millwright.protocol.views.WindowView;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The API document has each field of what is answered, and no other. */
class ApiDocumentTest {
  private static final Map<String, Class<?>> VIEWS =
      Map.ofEntries(
          Map.entry("Fleet", FleetView.class),
          Map.entry("FleetVersions", FleetVersionsView.class),
          Map.entry("Node", NodeView.class),
          Map.entry("Accelerator", AcceleratorView.class),
          Map.entry("Evidence", EvidenceView.class),
          Map.entry("Incident", IncidentView.class),
          Map.entry("Racks", RacksView.class),
          Map.entry("Event", EventView.class),
          Map.entry("Job", JobView.class),
          Map.entry("Unclaimed", UnclaimedView.class),
          Map.entry("Placement", PlacementView.class),
          Map.entry("Duty", DutyView.class),
          Map.entry("Recovery", RecoveryView.class),
          Map.entry("Return", ReturnView.class),
          Map.entry("Window", WindowView.class),
          Map.entry("Override", OverrideView.class),
          Map.entry("Policy", PolicyView.class),
          Map.entry("Act", ActView.class),
          Map.entry("AuditEntry", AuditView.class),
          Map.entry("AuditHead", AuditHeadView.class),
          Map.entry("Bundle", BundleView.class),
          Map.entry("Doctor", DoctorView.class),
          Map.entry("Acceptance", AcceptanceView.class),
          Map.entry("Drift", DriftView.class),
          Map.entry("Power", PowerView.class),
          Map.entry("Aggregate", AggregateView.class),
          Map.entry("History", HistoryView.class),
          Map.entry("Problem", Problem.class));

  @Test
  void eachViewIsDescribedFieldByField() throws IOException {
    JsonNode schemas;
    try (InputStream in =
        Objects.requireNonNull(
            RestServer.class.getResourceAsStream("/io/millwright/collector/web/openapi.json"))) {
      schemas = new ObjectMapper().readTree(in).at("/components/schemas");
    }
    List<String> wrong = new ArrayList<>();
    new TreeMap<>(VIEWS)
        .forEach((name, view) -> compare(name, view, schemas.path(name), schemas, wrong));
    assertThat(wrong).isEmpty();
  }

  private static void compare(
      String where, Class<?> view, JsonNode schema, JsonNode schemas, List<String> wrong) {
    List<String> named = names(schema.path("properties").fieldNames());
    List<String> required = new ArrayList<>();
    schema.path("required").forEach(field -> required.add(field.asText()));
    for (RecordComponent component : view.getRecordComponents()) {
      String field = snake(component.getName());
      boolean optional = component.getType().getSimpleName().startsWith("Optional");
      if (!named.remove(field)) {
        wrong.add(where + "." + field + " is not named");
        continue;
      }
      if (optional && required.contains(field)) {
        wrong.add(where + "." + field + " may be absent and is required");
      }
      Class<?> inner = inner(component.getGenericType());
      if (inner.isRecord()) {
        JsonNode property = schema.path("properties").path(field);
        JsonNode one = property.has("items") ? property.path("items") : property;
        JsonNode target =
            one.has("$ref") ? schemas.path(one.path("$ref").asText().replaceAll(".*/", "")) : one;
        compare(where + "." + field, inner, target, schemas, wrong);
      }
    }
    named.forEach(field -> wrong.add(where + "." + field + " is never sent"));
    required.removeAll(names(schema.path("properties").fieldNames()));
    required.forEach(field -> wrong.add(where + "." + field + " is required and not named"));
  }

  private static List<String> names(Iterator<String> fields) {
    List<String> names = new ArrayList<>();
    fields.forEachRemaining(names::add);
    return names;
  }

  private static String snake(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  /** The record of a list or an optional, however deep; of a map its values. */
  private static Class<?> inner(Type type) {
    if (type instanceof ParameterizedType of) {
      Type[] arguments = of.getActualTypeArguments();
      return inner(arguments[arguments.length - 1]);
    }
    return type instanceof Class<?> plain ? plain : Object.class;
  }
}
