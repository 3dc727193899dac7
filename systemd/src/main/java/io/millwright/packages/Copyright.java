package io.millwright.packages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes whose work a package holds, from the CycloneDX bills of material that Maven wrote.
 *
 * <pre>
 * Copyright OUT BILL…
 * </pre>
 */
public final class Copyright {
  private static final String HEAD =
      """
      This package holds Millwright and the libraries below, each under its own licence. The bills of material
      beside this file (sbom*.cdx.json, CycloneDX) have their versions, hashes and sources.

      The Java runtime is OpenJDK's, under the GNU General Public License, version 2, with the Classpath
      Exception; its own notices are under /usr/lib/millwright, in runtime/legal.

      """;

  private Copyright() {}

  public static void main(String[] arguments) throws IOException {
    SortedMap<String, String> licences = new TreeMap<>();
    for (String bill : List.of(arguments).subList(1, arguments.length)) {
      add(Path.of(bill), licences);
    }
    StringBuilder text = new StringBuilder(HEAD);
    licences.forEach(
        (library, licence) -> text.append(library).append(": ").append(licence).append('\n'));
    Path out = Path.of(arguments[0]);
    Files.createDirectories(out.getParent());
    Files.writeString(out, text);
  }

  private static void add(Path bill, SortedMap<String, String> licences) throws IOException {
    for (JsonNode component :
        new ObjectMapper().readTree(Files.readAllBytes(bill)).path("components")) {
      if (component.path("group").asText().equals("io.millwright")) {
        continue;
      }
      String library = component.path("name").asText() + " " + component.path("version").asText();
      licences.put(library, licence(library, component.path("licenses")));
    }
  }

  private static String licence(String library, JsonNode licences) {
    List<String> names = new ArrayList<>();
    for (JsonNode choice : licences) {
      JsonNode licence = choice.path("license");
      String name = licence.path("id").asText(licence.path("name").asText());
      names.add(name.isEmpty() ? choice.path("expression").asText() : name);
    }
    if (names.isEmpty() || names.contains("")) {
      throw new PackagingException("the licence of " + library + " is not known");
    }
    return String.join(" or ", names);
  }
}
