using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace LanChat.Tests.Support;

/// <summary>An assembly's public surface as text, one declaration a line, sorted: what an app can compile against. What the compiler adds to each record is left out.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    internal static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Heading(type)).Append('\n');
            foreach (string member in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Heading(Type type)
    {
        string kind = type.IsEnum ? "enum"
            : type.IsValueType ? "struct"
            : type.GetMethod("<Clone>$", Declared) is not null ? "record"
            : "class";
        string modifier = type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsAbstract ? "abstract " : type is { IsSealed: true, IsValueType: false } ? "sealed " : "";
        string[] bases = [.. new[] { type.BaseType }.Where(each => each is not null && each != typeof(object) && each != typeof(ValueType) && each != typeof(Enum)).Select(each => Name(each!)),
            .. type.GetInterfaces().Where(each => each.Namespace == "System" && !each.IsGenericType && !type.IsEnum).Select(each => Name(each)).Order(StringComparer.Ordinal)];
        return $"{modifier}{kind} {Name(type)}{(bases.Length > 0 ? " : " + string.Join(", ", bases) : "")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        foreach (MemberInfo member in type.GetMembers(Declared))
        {
            string? line = member switch
            {
                FieldInfo { IsSpecialName: false } field when IsVisible(field.IsPublic, field.IsFamily, field.IsFamilyOrAssembly) => Describe(type, field),
                PropertyInfo property => Describe(property),
                ConstructorInfo constructor when IsVisible(constructor.IsPublic, constructor.IsFamily, constructor.IsFamilyOrAssembly) && !IsCopy(constructor) =>
                    $"{type.Name.Split('`')[0]}({Parameters(constructor)})",
                MethodInfo { IsSpecialName: false } method when IsVisible(method.IsPublic, method.IsFamily, method.IsFamilyOrAssembly) && !IsOfRecords(method) =>
                    $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType, Nullability.Create(method.ReturnParameter))} {method.Name}({Parameters(method)})",
                EventInfo one => $"event {Name(one.EventHandlerType!)} {one.Name}",
                _ => null,
            };
            if (line is not null)
            {
                yield return line;
            }
        }
    }

    private static string Describe(Type type, FieldInfo field) => type.IsEnum
        ? $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}"
        : $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}{(field.IsLiteral ? $" = {field.GetRawConstantValue()}" : "")}";

    private static string? Describe(PropertyInfo property)
    {
        MethodInfo? getter = property.GetMethod is { IsPublic: true } visible ? visible : null;
        if (getter is null || property.Name == "EqualityContract")
        {
            return null;
        }

        string setter = property.SetMethod is not { IsPublic: true } set ? ""
            : set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;"
            : " set;";
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        return $"{(getter.IsStatic ? "static " : "")}{required}{Name(property.PropertyType, Nullability.Create(property))} {property.Name} {{ get;{setter} }}";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
    {
        string direction = parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        string value = parameter.HasDefaultValue ? $" = {parameter.DefaultValue switch { null => parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null ? "default" : "null", string s => $"\"{s}\"", var other => other }}" : "";
        return $"{direction}{Name(parameter.ParameterType, Nullability.Create(parameter))} {parameter.Name}{value}";
    }));

    private static string Name(Type type, NullabilityInfo? info = null)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!, info);
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Name(value) + "?";
        }

        string name = Keywords.TryGetValue(type, out string? keyword) ? keyword
            : type.IsArray ? Name(type.GetElementType()!, info?.ElementType) + "[]"
            : type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select((each, i) => Name(each, info?.GenericTypeArguments.ElementAtOrDefault(i))))}>"
            : type.Name;
        return info?.ReadState == NullabilityState.Nullable && !type.IsValueType ? name + "?" : name;
    }

    private static bool IsVisible(bool isPublic, bool isFamily, bool isFamilyOrAssembly) => isPublic || isFamily || isFamilyOrAssembly;

    private static bool IsCopy(ConstructorInfo constructor) => constructor.IsFamily || (constructor.GetParameters() is [var only] && only.ParameterType == constructor.DeclaringType);

    private static bool IsOfRecords(MethodInfo method) =>
        method.IsDefined(typeof(CompilerGeneratedAttribute)) || method.Name is "<Clone>$" or "PrintMembers" or "GetHashCode" or "Equals" or "Deconstruct";
}
