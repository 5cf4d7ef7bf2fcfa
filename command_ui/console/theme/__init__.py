"""Which colours, sizes and patterns does the page draw with?"""

from command_ui.console.theme.tokens import colours, css_variables, material_theme, tokens

__all__ = ["colours", "css_variables", "material_theme", "tokens"]
