package io.millwright.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Bytes of memory on the command line: {@code 512M} are 512 MiB, {@code 4G} are 4 GiB. */
final class MemoryOption implements ITypeConverter<Long> {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([MG])");

  @Override
  public Long convert(String given) {
    Matcher parts = FORM.matcher(given);
    if (!parts.matches()) {
      throw new TypeConversionException(
          "'%s' is refused; allowed is a whole number with M or G, as in 512M or 4G"
              .formatted(given));
    }
    return Long.parseLong(parts.group(1)) << (parts.group(2).equals("M") ? 20 : 30);
  }
}
