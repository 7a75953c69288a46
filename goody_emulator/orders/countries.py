"""The countries that international shipping reaches, in its full tier."""

from typing import Final

COUNTRIES: Final = {
    "US": "United States",
    "AR": "Argentina", "AM": "Armenia", "AU": "Australia", "AT": "Austria", "AZ": "Azerbaijan", "BS": "Bahamas",
    "BH": "Bahrain", "BD": "Bangladesh", "BB": "Barbados", "BE": "Belgium", "BZ": "Belize", "BM": "Bermuda",
    "BO": "Bolivia", "BW": "Botswana", "BR": "Brazil", "BN": "Brunei", "BG": "Bulgaria", "KH": "Cambodia",
    "CM": "Cameroon", "CA": "Canada", "CL": "Chile", "CN": "China", "CO": "Colombia", "CR": "Costa Rica",
    "HR": "Croatia", "CY": "Cyprus", "CZ": "Czechia", "DK": "Denmark", "DO": "Dominican Republic", "EC": "Ecuador",
    "EG": "Egypt", "SV": "El Salvador", "EE": "Estonia", "FJ": "Fiji", "FI": "Finland", "FR": "France",
    "GE": "Georgia", "DE": "Germany", "GH": "Ghana", "GI": "Gibraltar", "GR": "Greece", "GT": "Guatemala",
    "GY": "Guyana", "HN": "Honduras", "HK": "Hong Kong", "HU": "Hungary", "IS": "Iceland", "IN": "India",
    "ID": "Indonesia", "IE": "Ireland", "IL": "Israel", "IT": "Italy", "JM": "Jamaica", "JP": "Japan",
    "JO": "Jordan", "KZ": "Kazakhstan", "KE": "Kenya", "KW": "Kuwait", "LA": "Laos", "LV": "Latvia",
    "LI": "Liechtenstein", "LT": "Lithuania", "LU": "Luxembourg", "MO": "Macao", "MG": "Madagascar", "MY": "Malaysia",
    "MV": "Maldives", "MT": "Malta", "MU": "Mauritius", "MX": "Mexico", "MD": "Moldova", "MC": "Monaco",
    "MN": "Mongolia", "ME": "Montenegro", "MA": "Morocco", "NA": "Namibia", "NP": "Nepal", "NL": "Netherlands",
    "NZ": "New Zealand", "NI": "Nicaragua", "NG": "Nigeria", "MK": "North Macedonia", "NO": "Norway", "OM": "Oman",
    "PK": "Pakistan", "PA": "Panama", "PY": "Paraguay", "PE": "Peru", "PH": "Philippines", "PL": "Poland",
    "PT": "Portugal", "QA": "Qatar", "RO": "Romania", "RW": "Rwanda", "SA": "Saudi Arabia", "SN": "Senegal",
    "RS": "Serbia", "SG": "Singapore", "SK": "Slovakia", "SI": "Slovenia", "ZA": "South Africa",
    "KR": "South Korea", "ES": "Spain", "LK": "Sri Lanka", "SE": "Sweden", "CH": "Switzerland", "TW": "Taiwan",
    "TZ": "Tanzania", "TH": "Thailand", "TT": "Trinidad and Tobago", "TN": "Tunisia", "TR": "Türkiye",
    "UG": "Uganda", "UA": "Ukraine", "AE": "United Arab Emirates", "GB": "United Kingdom", "UY": "Uruguay",
    "UZ": "Uzbekistan", "VN": "Vietnam", "ZM": "Zambia",
}  # fmt: skip
"""Names by ISO 3166-1 code, home first. Goody tells only that there are more than a hundred."""
