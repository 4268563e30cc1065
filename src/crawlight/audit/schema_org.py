"""Required properties of the common types of structured data, as Google documents its rich results.

One page per type below https://developers.google.com/search/docs/appearance/structured-data/search-gallery, as of
2026-11-26. Types without required properties (Article, Organization) are not here: nothing can be missing of them.
Nor are those that Google shows nothing for any more (FAQPage since May 2026).
"""

from typing import Final

Choice = tuple[str, ...]
"""Properties of which one is enough; a dot goes down into the value."""

REQUIRED: Final[dict[str, tuple[Choice, ...]]] = {
    "AggregateOffer": (("lowPrice",), ("priceCurrency",)),
    "AggregateRating": (("ratingValue",), ("ratingCount", "reviewCount"), ("itemReviewed",)),
    "BreadcrumbList": (("itemListElement",),),
    "Course": (("name",), ("description",)),
    "Dataset": (("name",), ("description",)),
    "DiscussionForumPosting": (("author",), ("datePublished",), ("text", "image", "video")),
    "Event": (("name",), ("startDate",), ("location",)),
    "ItemList": (("itemListElement",),),
    "JobPosting": (
        ("title",),
        ("description",),
        ("datePosted",),
        ("hiringOrganization",),
        ("jobLocation", "applicantLocationRequirements"),
    ),
    "LocalBusiness": (("name",), ("address",)),
    "Movie": (("name",), ("image",)),
    "Offer": (("price", "priceSpecification.price", "priceSpecification"),),
    "Product": (("name",), ("offers", "review", "aggregateRating")),
    "ProfilePage": (("mainEntity",),),
    "QAPage": (
        ("mainEntity.name",),
        ("mainEntity.answerCount",),
        ("mainEntity.acceptedAnswer", "mainEntity.suggestedAnswer"),
    ),
    "Recipe": (("name",), ("image",)),
    "Review": (("author",), ("reviewRating.ratingValue",), ("itemReviewed",)),
    "SoftwareApplication": (("name",), ("offers",), ("aggregateRating", "review")),
    "VideoObject": (("name",), ("thumbnailUrl",), ("uploadDate",)),
    "WebSite": (("name",), ("url",)),
}
"""``itemReviewed`` is needed where the review stands for itself, not inside of what it is about."""

_SUBTYPES: Final = {
    "Event": """BusinessEvent ChildrensEvent ComedyEvent CourseInstance DanceEvent EducationEvent ExhibitionEvent
        Festival FoodEvent Hackathon LiteraryEvent MusicEvent PublicationEvent SaleEvent ScreeningEvent SocialEvent
        SportsEvent TheaterEvent VisualArtsEvent""",
    "LocalBusiness": """AccountingService AnimalShelter AutoDealer AutoRepair Bakery BankOrCreditUnion BarOrPub
        BeautySalon BedAndBreakfast BikeStore BookStore CafeOrCoffeeShop ChildCare ClothingStore ComputerStore
        DaySpa Dentist DryCleaningOrLaundry Electrician ElectronicsStore EmploymentAgency EntertainmentBusiness
        ExerciseGym FastFoodRestaurant FinancialService Florist FoodEstablishment FurnitureStore GasStation
        GeneralContractor GroceryStore HVACBusiness HairSalon HardwareStore HealthAndBeautyBusiness HealthClub
        HobbyShop HomeAndConstructionBusiness HomeGoodsStore Hostel Hotel HousePainter InsuranceAgency
        JewelryStore LegalService Library LiquorStore Locksmith LodgingBusiness MedicalBusiness MedicalClinic Motel
        MovingCompany NailSalon NightClub Notary Optician PetStore Pharmacy Physician Plumber ProfessionalService
        RealEstateAgent Resort Restaurant RoofingContractor SelfStorage ShoeStore ShoppingCenter
        SportingGoodsStore Store TattooParlor TouristInformationCenter ToyStore TravelAgency VeterinaryCare Winery""",
    "Product": "IndividualProduct ProductModel SomeProducts",
    "SoftwareApplication": "MobileApplication VideoGame WebApplication",
    "Review": "CriticReview EmployerReview UserReview",
}
TYPES: Final = {name: kind for kind, names in _SUBTYPES.items() for name in names.split()}
"""Types that the rules of a more general one hold for."""

NESTED_ONLY: Final[dict[str, tuple[str, ...]]] = {
    # A product that is only referred to, as an ingredient or as what a review is about, earns nothing itself.
    "itemReviewed": ("Product", "LocalBusiness", "Event", "Recipe", "Movie", "SoftwareApplication", "Course"),
    "isRelatedTo": ("Product",),
    "isSimilarTo": ("Product",),
    "isVariantOf": ("Product",),
    "itemOffered": ("Product",),
    "mentions": ("Product", "LocalBusiness", "Event", "Movie", "SoftwareApplication"),
    "about": ("Product", "LocalBusiness", "Event", "Movie", "SoftwareApplication"),
    "subEvent": ("Event",),
    "superEvent": ("Event",),
    "isPartOf": ("WebSite",),
    "provider": ("LocalBusiness",),
    "organizer": ("LocalBusiness",),
    "publisher": ("LocalBusiness",),
    "seller": ("LocalBusiness",),
    "makesOffer": ("Offer",),
    "hasOfferCatalog": ("ItemList",),
    "item": ("Product", "LocalBusiness", "Event", "Movie", "Course", "Recipe"),
}
"""Types of which nothing is required where they are the value of a property."""
