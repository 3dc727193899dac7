package io.millwright.agent;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code HOST:PORT} of a collector. */
final class CollectorOption implements ITypeConverter<CollectorOption.Address> {
  private static final int HIGHEST = 65_535;
  private static final Pattern FORM =
      Pattern.compile("([A-Za-z0-9.-]{1,253}|\\[[0-9a-fA-F:.]{2,45}\\]):([1-9][0-9]{0,4})");

  /**
   * Where it is.
   *
   * @param name of the host as it stands in a configuration
   * @param host without the brackets of an IPv6 address
   */
  record Address(String name, String host, int port) {}

  @Override
  public Address convert(String given) {
    Matcher form = FORM.matcher(given);
    if (!form.matches() || Integer.parseInt(form.group(2)) > HIGHEST) {
      throw new TypeConversionException(
          "'%s' is no HOST:PORT, as collector.site:9463 or [2001:db8::7]:9463"
              .formatted(given.replaceAll("\\p{Cntrl}", "?")));
    }
    return new Address(
        form.group(1), form.group(1).replaceAll("[\\[\\]]", ""), Integer.parseInt(form.group(2)));
  }
}
